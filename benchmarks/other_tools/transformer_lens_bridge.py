# /// script
# requires-python = ">=3.11"
# dependencies = ["transformer-lens==4.3.0", "torch==2.13.0"]
# ///
"""What took the place of HookedTransformer, and whether its numbers are those of Hugging Face."""

import tempfile

import torch
import transformer_lens
from tokenizers import Tokenizer, models
from told import told
from transformer_lens.model_bridge import TransformerBridge
from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

try:
    transformer_lens.HookedTransformer  # noqa: B018
    there = True
except (AttributeError, ImportError):
    there = False
told("transformer-lens", "there is no HookedTransformer", f"found: {there}", holds=not there)

torch.manual_seed(0)
config = GPT2Config(n_layer=3, n_embd=64, n_head=4, vocab_size=200, n_positions=64, bos_token_id=0, eos_token_id=0)
model = GPT2LMHeadModel(config).eval()
words = Tokenizer(models.WordLevel({f"w{i}": i for i in range(200)}, unk_token="w1"))
tokenizer = PreTrainedTokenizerFast(tokenizer_object=words, bos_token="w0", eos_token="w0", unk_token="w1")
ids = torch.randint(2, 200, (8, 16))
with tempfile.TemporaryDirectory() as folder:
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    bridge = TransformerBridge.boot_transformers(folder, device="cpu")
with torch.no_grad():
    states = model(ids, output_hidden_states=True)
    logits, cache = bridge.run_with_cache(ids)
far = {f"blocks.{i}.hook_resid_post": states.hidden_states[i + 1] for i in range(2)}
apart = [float((cache[name] - expected).abs().max()) for name, expected in far.items()]
apart.append(float((logits - states.logits).abs().max()))
told(
    "transformer-lens",
    "TransformerBridge gives the states and logits of Hugging Face to 1e-6",
    f"largest difference {max(apart):.0e}",
    holds=max(apart) < 1e-5,
)
