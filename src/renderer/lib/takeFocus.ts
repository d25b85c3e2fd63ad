/** @file Something to write into, or to answer, that comes into the page because it was asked for. */

/** As an attachment. The attribute `autofocus` does nothing while anything else has the focus, and what is typed would be taken for commands. */
export function takeFocus(element: HTMLElement): void {
  element.focus();
}
