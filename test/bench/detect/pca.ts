/** @file Principal components of count vectors, as the oldest baseline has it (Xu et al., SOSP 2009): how much of a session lies outside of what most vary in. */

/** Share of the variance that the normal directions carry. */
const normalShare = 0.95;
const sweeps = 60;

export type Components = { mean: Float64Array; /** Rows are unit vectors. */ normal: Float64Array[] };

/** `rows` are of one length. */
export function fitComponents(rows: readonly Float64Array[]): Components {
  const width = rows[0]?.length ?? 0;
  const mean = new Float64Array(width);
  for (const row of rows) row.forEach((value, i) => (mean[i] = (mean[i] ?? 0) + value / rows.length));
  const covariance = Array.from({ length: width }, () => new Float64Array(width));
  for (const row of rows) {
    for (let i = 0; i < width; i++) {
      const own = (row[i] ?? 0) - (mean[i] ?? 0);
      if (own === 0) continue;
      const line = covariance[i] as Float64Array;
      for (let j = 0; j < width; j++) line[j] = (line[j] ?? 0) + (own * ((row[j] ?? 0) - (mean[j] ?? 0))) / rows.length;
    }
  }
  const { values, vectors } = eigen(covariance);
  const total = values.reduce((sum, value) => sum + value, 0);
  const order = [...values.keys()].sort((a, b) => (values[b] ?? 0) - (values[a] ?? 0));
  const normal: Float64Array[] = [];
  for (let carried = 0; normal.length < width && carried < normalShare * total;) {
    const index = order[normal.length] ?? 0;
    carried += values[index] ?? 0;
    normal.push(vectors[index] ?? new Float64Array(width));
  }
  return { mean, normal };
}

/** Squared length of what the normal directions leave of the row. */
export function residual({ mean, normal }: Components, row: Float64Array): number {
  const centred = row.map((value, i) => value - (mean[i] ?? 0));
  const length = centred.reduce((sum, value) => sum + value * value, 0);
  return normal.reduce((rest, vector) => {
    const along = vector.reduce((sum, value, i) => sum + value * (centred[i] ?? 0), 0);
    return rest - along * along;
  }, length);
}

/** Eigenvalues of a symmetric matrix, and its eigenvectors as rows, by Jacobi's rotations. */
export function eigen(symmetric: readonly Float64Array[]): { values: Float64Array; vectors: Float64Array[] } {
  const n = symmetric.length;
  const a = symmetric.map((row) => row.slice());
  const vectors = a.map((_, i) => Float64Array.from({ length: n }, (_, j) => (i === j ? 1 : 0)));
  const at = (i: number, j: number): number => a[i]?.[j] ?? 0;
  const scale = a.reduce((sum, row) => row.reduce((own, value) => own + value * value, sum), 0);
  for (let sweep = 0; sweep < sweeps; sweep++) {
    let off = 0;
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) off += at(p, q) ** 2;
    if (off <= 1e-24 * scale) break;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        if (at(p, q) === 0) continue;
        const theta = (at(q, q) - at(p, p)) / (2 * at(p, q));
        const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
        const cosine = 1 / Math.sqrt(t * t + 1);
        rotate(a, vectors, p, q, cosine, t * cosine);
      }
    }
  }
  return { values: Float64Array.from({ length: n }, (_, i) => at(i, i)), vectors };
}

function rotate(a: Float64Array[], vectors: Float64Array[], p: number, q: number, cosine: number, sine: number): void {
  for (const row of a) turn(row, p, q, cosine, sine);
  for (const rows of [a, vectors]) {
    const [first, second] = [rows[p], rows[q]];
    if (!first || !second) continue;
    for (let i = 0; i < first.length; i++) {
      const [x, y] = [first[i] ?? 0, second[i] ?? 0];
      first[i] = cosine * x - sine * y;
      second[i] = sine * x + cosine * y;
    }
  }
}

function turn(row: Float64Array, p: number, q: number, cosine: number, sine: number): void {
  const [x, y] = [row[p] ?? 0, row[q] ?? 0];
  row[p] = cosine * x - sine * y;
  row[q] = sine * x + cosine * y;
}
