/** @file Asks a thread of its own for what a text model learns from: words of the logs, and their masked lines, or windows of lines, as token ids. */
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { CountedWords } from '../../../shared/bpe/training.ts';
import type { SourceFormat, TimeAssumption } from '../../../shared/lines.ts';
import { connectPort, type Client } from '../../../shared/port.ts';
import type { SequenceSet } from '../../../shared/sequences.ts';
import type { TextReads } from '../../../shared/textModels.ts';
import type { Cuts } from '../../learn/dataset.ts';
import type { Doubt } from '../../learn/doubt.ts';
import type { Services } from '../services.ts';

/** A log as far as it is read: the first `rowCount` of its events, which its cuts divide. */
export type TextSource = {
  sourceId: number;
  format: SourceFormat;
  assumption: TimeAssumption;
  rowCount: number;
  cuts: Cuts;
  /** Rows that may not be taken as normal are not read. */
  doubt: Doubt;
};

export type TextDataMethods = {
  open: { input: { storePort: MessagePort }; output: undefined };
  /** Of the part that trains. */
  count_words: {
    input: { sources: TextSource[]; reads: TextReads };
    output: { words: CountedWords };
    progress: { rows: number };
  };
  encode: {
    /** `stride`: how far apart windows are taken. */
    input: { sources: TextSource[]; reads: TextReads; stride: number; tokenizerDirectory: string };
    output: {
      training: SequenceSet;
      trainingWeights: Float32Array;
      validation: SequenceSet;
      /** Lines, or windows, that were not taken, because there were too many distinct ones. */
      leftOut: number;
    };
    progress: { rows: number };
  };
};

/** The thread reads events from the store itself, and is gone afterwards. */
export async function withTextData<T>(
  services: Services,
  work: (textData: Client<TextDataMethods>) => Promise<T>,
): Promise<T> {
  const thread = services.startThread('textData');
  try {
    const client = connectPort<TextDataMethods>(thread.port, 'thread that reads text');
    const channel = new MessageChannel();
    services.connectStore(channel.port1);
    await client.call('open', { storePort: channel.port2 }, { transfer: [channel.port2] });
    return await work(client);
  } finally {
    await thread.stop();
  }
}
