"""Asking in a browser and over HTTP: a page, an API in schema 1, and what clients of OpenAI expect.

`access` and `guard` decide who may ask. `engine` answers, in pools of threads. `api`,
`completions` and `pages` are the routes; `app` puts them together, and `server` runs them.
"""
