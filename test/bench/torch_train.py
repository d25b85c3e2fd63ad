"""Tokens per second that PyTorch trains of one model of trainModels.ts, to set beside `npm run -s bench -- train NAME`; the two are run in turns.

By hand: OMP_WAIT_POLICY=passive python3 torch_train.py key_s
"""

import statistics
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

THREADS = 2
MEASURED_S, LEAST_STEPS, WARM_UP_STEPS = 5, 7, 2
# layers, heads, width, positions, vocabulary, batch items, tokens of each
MODELS = {
    "key_s": (4, 4, 64, 64, 204, 16, 32),
    "key_m": (6, 6, 60, 256, 204, 16, 32),
    "key_m_wide": (6, 8, 256, 256, 204, 16, 32),
    "text": (6, 8, 256, 512, 8192, 8, 128),
}


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.before, self.between = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attend, self.project = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.widen, self.narrow = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x):
        B, T, C = x.shape
        parts = self.attend(self.before(x)).split(C, -1)
        q, k, v = (part.view(B, T, self.heads, C // self.heads).transpose(1, 2) for part in parts)
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).reshape(B, T, C)
        x = x + self.project(mixed)
        return x + self.narrow(F.gelu(self.widen(self.between(x)), approximate="tanh"))


class Model(nn.Module):
    def __init__(self, layers, heads, width, positions, vocabulary):
        super().__init__()
        self.tokens, self.places = nn.Embedding(vocabulary, width), nn.Embedding(positions, width)
        self.blocks = nn.ModuleList([Block(width, heads) for _ in range(layers)])
        self.last = nn.LayerNorm(width)

    def forward(self, ids):
        x = self.tokens(ids) + self.places(torch.arange(ids.shape[1]))
        for block in self.blocks:
            x = block(x)
        return self.last(x) @ self.tokens.weight.T


torch.set_num_threads(THREADS)
*shape, B, T = MODELS[sys.argv[1]]
vocabulary = shape[-1]
model = Model(*shape)
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4)
ids, targets = torch.randint(4, vocabulary, (B, T)), torch.randint(4, vocabulary, (B, T))
seconds, start = [], time.time()
while len(seconds) < LEAST_STEPS or time.time() - start < MEASURED_S:
    step_start = time.time()
    optimizer.zero_grad()
    F.cross_entropy(model(ids).view(-1, vocabulary), targets.view(-1)).backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    seconds.append(time.time() - step_start)
print(round(B * T / statistics.median(seconds[WARM_UP_STEPS:])))
