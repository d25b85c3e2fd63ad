/** @file AdamW (Loshchilov & Hutter 2019) in place over flat arrays, with decoupled decay on chosen ranges and a global-norm clip. */

export type AdamwOptions = {
  beta1: number;
  beta2: number;
  epsilon: number;
  weightDecay: number;
  /** Gradients are scaled down to this Euclidean norm when theirs is larger. */
  maxGradientNorm: number;
};

export const adamwDefaults: AdamwOptions = {
  beta1: 0.9,
  beta2: 0.99,
  epsilon: 1e-8,
  weightDecay: 0.01,
  maxGradientNorm: 1,
};

/** A stretch of the flat arrays whose elements decay alike. */
export type DecayRange = { offset: number; size: number; decays: boolean };

export type AdamwState = { parameters: Float32Array; firstMoment: Float32Array; secondMoment: Float32Array };

/** Euclidean norm over all elements, in double precision. */
export function euclideanNorm(values: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    sum += value * value;
  }
  return Math.sqrt(sum);
}

/**
 * One update. `step` counts from 1 (bias correction). Returns the gradient norm before clipping. A gradient that is not finite changes
 * nothing, and the norm that is returned is not finite either.
 */
export function adamwStep(
  state: AdamwState,
  gradients: Float32Array,
  ranges: readonly DecayRange[],
  step: number,
  learningRate: number,
  options: AdamwOptions = adamwDefaults,
): number {
  const { beta1, beta2, epsilon, weightDecay, maxGradientNorm } = options;
  const { parameters, firstMoment, secondMoment } = state;
  const norm = euclideanNorm(gradients);
  if (!Number.isFinite(norm)) return norm;
  const clip = norm > maxGradientNorm ? maxGradientNorm / norm : 1;
  const stepSize = learningRate / (1 - beta1 ** step);
  const secondCorrection = 1 / Math.sqrt(1 - beta2 ** step);
  for (const { offset, size, decays } of ranges) {
    const keep = decays ? 1 - learningRate * weightDecay : 1;
    for (let i = offset; i < offset + size; i++) {
      const gradient = (gradients[i] as number) * clip;
      const first = beta1 * (firstMoment[i] as number) + (1 - beta1) * gradient;
      const second = beta2 * (secondMoment[i] as number) + (1 - beta2) * gradient * gradient;
      firstMoment[i] = first;
      secondMoment[i] = second;
      parameters[i] =
        (parameters[i] as number) * keep - (stepSize * first) / (Math.sqrt(second) * secondCorrection + epsilon);
    }
  }
  return norm;
}
