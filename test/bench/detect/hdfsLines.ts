/** @file Lines as HDFS writes them, for sessions that are given as ids of templates: what a changed template does can only be seen from raw lines on. */

const wildcard = '<*>';

/** `templates[i]` is that of id i + 1. Values are made of the numbers of block and event. */
export function renderHdfs(keys: readonly number[], templates: readonly string[], block: number): string[] {
  const time = `081109 ${200_000 + (block % 3600)} ${100 + (block % 50)}`;
  return keys.map((key, event) => {
    const template = templates[key - 1] ?? '';
    const pieces = template.split(wildcard);
    // A wildcard in front stands for who acts, which not every version writes.
    if (template.startsWith(wildcard)) pieces.shift();
    const address = ` /10.250.${block % 250}.${1 + (event % 250)}:50010 `;
    const text = pieces.reduce((line, piece, i) => line + (i === 1 ? ` blk_${1_000_000 + block} ` : address) + piece);
    return `${time} INFO dfs.DataNode: ${text.replaceAll(/\s+/g, ' ').trim()}`;
  });
}
