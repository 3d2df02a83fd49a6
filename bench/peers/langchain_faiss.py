"""LangChain with FAISS."""

from pathlib import Path

from harness import BEST, CHARACTERS, Search, read, run
from langchain_community.vectorstores import FAISS
from langchain_core.documents import Document
from langchain_huggingface import HuggingFaceEmbeddings
from langchain_text_splitters import RecursiveCharacterTextSplitter


def embeddings(model: str) -> HuggingFaceEmbeddings:
    return HuggingFaceEmbeddings(
        model_name=model, model_kwargs={"device": "cpu"}, encode_kwargs={"normalize_embeddings": True}
    )


def build(texts: Path, index: Path, model: str) -> int:
    splitter = RecursiveCharacterTextSplitter(chunk_size=CHARACTERS, chunk_overlap=0)
    documents = [Document(page_content=text, metadata={"source": name}) for name, text in read(texts)]
    passages = splitter.split_documents(documents)
    FAISS.from_documents(passages, embeddings(model)).save_local(str(index))
    return len(passages)


def load(index: Path, model: str) -> Search:
    store = FAISS.load_local(str(index), embeddings(model), allow_dangerous_deserialization=True)

    def search(question: str) -> list[str]:
        return [document.page_content for document in store.similarity_search(question, k=BEST)]

    return search


run(build, load)
