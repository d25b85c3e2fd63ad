/** @file What is calibrated apart: the lines of one program in logs of one format. */
import type { SourceFormat } from '../../shared/lines.ts';
import type { GroupKey } from './detector.ts';

/** `prefixHash`: of the kind of line, the keyed hash of the program that writes it. */
export function groupKeyOf(format: SourceFormat, prefixHash: number): GroupKey {
  return `${format} ${prefixHash}`;
}
