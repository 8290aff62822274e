# /// script
# requires-python = ">=3.11"
# dependencies = ["peft==0.21.2", "transformers==5.24.0", "torch==2.13.0"]
# ///
"""What merging a LoRA adapter changes in the logits, in float32 and in bfloat16."""

import torch
from peft import LoraConfig, get_peft_model
from told import told
from transformers import GPT2Config, GPT2LMHeadModel

config = GPT2Config(n_layer=4, n_embd=64, n_head=4, vocab_size=200, n_positions=64, bos_token_id=0, eos_token_id=0)
lora = LoraConfig(r=8, target_modules=["c_attn"], init_lora_weights=False, fan_in_fan_out=True)


def moved(dtype: torch.dtype) -> float:
    """Return how far merging moves the logits, as a share of their norm."""
    torch.manual_seed(0)
    model = get_peft_model(GPT2LMHeadModel(config), lora).to(dtype).eval()
    ids = torch.randint(0, 200, (16, 32))
    with torch.no_grad():
        apart = model(ids).logits.float()
        merged = model.merge_and_unload()(ids).logits.float()
    return float((merged - apart).norm() / apart.norm())


half, whole = moved(torch.bfloat16), moved(torch.float32)
told(
    "peft",
    "merging in bfloat16 moves logits by about 1 %, in float32 by rounding",
    f"bfloat16 {half:.1%}, float32 {whole:.0e}",
    holds=0.002 < half < 0.03 and whole < 1e-5,
)
