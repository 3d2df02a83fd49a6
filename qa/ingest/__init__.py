"""Files to documents, sentences and passages. `qa.ingest.pipeline.prepare` does all of it for one file."""
