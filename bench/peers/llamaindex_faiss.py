"""LlamaIndex with FAISS."""

from pathlib import Path

import faiss
from harness import BEST, CHARACTERS, Search, read, run
from llama_index.core import Document, StorageContext, VectorStoreIndex, load_index_from_storage
from llama_index.core.node_parser import SentenceSplitter
from llama_index.embeddings.huggingface import HuggingFaceEmbedding
from llama_index.vector_stores.faiss import FaissVectorStore


def build(texts: Path, index: Path, model: str) -> int:
    encoder = HuggingFaceEmbedding(model_name=model, device="cpu")
    splitter = SentenceSplitter(chunk_size=CHARACTERS, chunk_overlap=0, tokenizer=list, include_metadata=False)
    documents = [Document(text=text, metadata={"source": name}) for name, text in read(texts)]
    nodes = splitter.get_nodes_from_documents(documents)
    rows = FaissVectorStore(faiss_index=faiss.IndexFlatIP(len(encoder.get_text_embedding("width"))))
    storage = StorageContext.from_defaults(vector_store=rows)
    made = VectorStoreIndex(nodes, storage_context=storage, embed_model=encoder)
    made.storage_context.persist(persist_dir=str(index))
    return len(nodes)


def load(index: Path, model: str) -> Search:
    encoder = HuggingFaceEmbedding(model_name=model, device="cpu")
    storage = StorageContext.from_defaults(
        vector_store=FaissVectorStore.from_persist_dir(str(index)), persist_dir=str(index)
    )
    retriever = load_index_from_storage(storage, embed_model=encoder).as_retriever(similarity_top_k=BEST)

    def search(question: str) -> list[str]:
        return [found.node.get_content() for found in retriever.retrieve(question)]

    return search


run(build, load)
