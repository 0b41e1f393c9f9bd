/** Whether a character takes two cells of a terminal (East Asian wide and emoji). */
function isWide(code: number): boolean {
  return (
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) ||
    (code >= 0x1f300 && code <= 0x1faff)
  )
}

const ascii = /^[ -~]*$/

/** Where a text breaks into rows of `columns` cells: the start of each row. Never empty. */
export function rowStarts(text: string, columns: number): number[] {
  const starts = [0]
  if (ascii.test(text)) {
    for (let at = columns; at < text.length; at += columns) starts.push(at)
    return starts
  }
  let cells = 0
  let at = 0
  for (const character of text) {
    const width = isWide(character.codePointAt(0)!) ? 2 : 1
    if (cells + width > columns) {
      starts.push(at)
      cells = 0
    }
    cells += width
    at += character.length
  }
  return starts
}
