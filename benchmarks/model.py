"""What fences, purse and comparison cost beside the model: our copywriter against a bare pydantic-ai agent.

    python benchmarks/model.py [--times 7]

Both ask the same server on loopback, which answers at once, for 50 e-mails in requests of 10, with the same
prompt and type. Alternating, in one process; medians and their ratio.
"""

import argparse
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from pydantic import SecretStr
from pydantic_ai import Agent, NativeOutput

from policies import load_prompt, policies_of
from policies.engine.texts import SHIPPED, Layer, PolicyTexts, read_layer
from presscheck.cli.model import _sample
from presscheck.ledger import Keyring, Ledger, Signer, make_keys, upgrade
from presscheck.ledger.spending import LedgerPurse
from presscheck.library.admission import LibraryAdmission
from presscheck.providers.model import ModelCopywriter
from presscheck.providers.model_answers import answer_type
from presscheck.providers.model_client import http_client, open_model
from presscheck.providers.model_fence import request_text
from presscheck.settings.models import ModelSection
from tests.model_server import running_model_server
from tests.usages import model as model_entry
from tests.usages import usage

COUNT, EACH = 50, 10


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--times", type=int, default=7)
    times = parser.parse_args().times
    brief, prompt = _sample(datetime.now(UTC).date()), load_prompt("prompts.email-variants")
    approved = Layer("mine", {"usage/tests.yaml": usage(models=[model_entry("openai-compatible/m")])})
    policies = policies_of(PolicyTexts(read_layer(SHIPPED), approved))
    ours: list[float] = []
    bare: list[float] = []
    with running_model_server() as server, tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        make_keys(home / "keys")
        upgrade(f"sqlite:///{home / 'ledger.db'}")
        ledger = Ledger.open(
            f"sqlite:///{home / 'ledger.db'}", keyring=Keyring.load(home / "keys"),
            signer=Signer.load(home / "keys", "worker"), heads=home / "heads",
        )  # fmt: skip
        section = ModelSection(
            provider="openai-compatible", name="m", base_url=server.url, price_in=1, price_out=2, cap_dollars=100,
            variants_per_request=EACH, requests_per_minute=10_000,
        )  # fmt: skip
        for at in range(times + 1):
            server.behave("good")
            began = time.perf_counter()
            purse = LedgerPurse(ledger, f"run-{at}", cap_microdollars=100_000_000)
            admission = LibraryAdmission(ledger, lambda: policies, run=f"run-{at}")
            writer = ModelCopywriter(section, {"model": SecretStr("sk-1")}, admission=admission, purse=purse)
            assert len(writer.write(brief, None, prompt=prompt, count=COUNT, seed=1)) == COUNT
            ours.append(time.perf_counter() - began)

            server.behave("good")
            began = time.perf_counter()
            model = open_model(section, SecretStr("sk-1"), http_client(section, timeout_seconds=90))
            agent = Agent(model, output_type=NativeOutput(answer_type("email")), instructions=prompt.text)
            came = [agent.run_sync(request_text(brief, None, count=EACH)).output for _ in range(COUNT // EACH)]
            assert sum(len(one.variants) for one in came) == COUNT
            bare.append(time.perf_counter() - began)
        ledger.close()
    # The first of each loads modules.
    ours, bare = ours[1:], bare[1:]
    print(f"{COUNT} e-mails in {COUNT // EACH} requests, {times} times each, alternating (median):")
    print(f"  bare pydantic-ai agent   {statistics.median(bare) * 1000:7.0f} ms")
    print(f"  model copywriter         {statistics.median(ours) * 1000:7.0f} ms, admitted, on record and under a cap")
    print(f"  ratio                    {statistics.median(ours) / statistics.median(bare):7.2f}")
    print(f"  a request more           {(statistics.median(ours) - statistics.median(bare)) * 1000 / 5:7.0f} ms")


if __name__ == "__main__":
    main()
