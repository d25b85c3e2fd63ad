/** @file Prepares an exported report for its preview: markup without style elements, and their text. */

/** Our own report has style elements only in its head; anything else stays in the markup and is inert there. */
export function splitStyles(report: string): { markup: string; styles: string } {
  const headEnd = report.search(/<\/head>|<body/i);
  const head = headEnd < 0 ? report : report.slice(0, headEnd);
  const styles: string[] = [];
  const markup = head.replace(/<style[^>]*>([\s\S]*?)<\/style>/gi, (_whole, text: string) => {
    styles.push(text);
    return '';
  });
  return { markup: markup + report.slice(head.length), styles: styles.join('\n') };
}
