/** How a piece of terminal text looks; colours are class suffixes (`fg-1`) or `#rrggbb`. */
export interface AnsiStyle {
  foreground?: string
  background?: string
  bold?: boolean
  dim?: boolean
  italic?: boolean
  underline?: boolean
}

export interface AnsiSpan {
  text: string
  style: AnsiStyle
}

// Escape sequences: CSI (colours and cursor moves), OSC (titles, links), and two-character ones.
// eslint-disable-next-line no-control-regex
const escape = /\u001b(?:\[([0-9;:]*)[ -/]*([@-~])|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g
// eslint-disable-next-line no-control-regex
const controls = /[\u0000-\u0008\u000b-\u001f\u007f]/g

/** The text with all escape sequences and control characters taken out; tabs become four spaces. */
export function stripAnsi(text: string): string {
  return text.replace(escape, '').replace(/\t/g, '    ').replace(controls, '')
}

function paletteColour(index: number): string {
  if (index < 16) return String(index)
  if (index >= 232) {
    const level = (index - 232) * 10 + 8
    return `rgb(${level} ${level} ${level})`
  }
  const step = (value: number): number => (value === 0 ? 0 : value * 40 + 55)
  const cube = index - 16
  return `rgb(${step(Math.floor(cube / 36))} ${step(Math.floor(cube / 6) % 6)} ${step(cube % 6)})`
}

/** Reads `5;n` or `2;r;g;b` behind a 38 or 48; gives the colour and how many numbers it took. */
function extendedColour(codes: number[], from: number): { colour?: string; used: number } {
  if (codes[from] === 5) return { colour: paletteColour(codes[from + 1] ?? 0), used: 2 }
  if (codes[from] === 2)
    return { colour: `rgb(${codes[from + 1] ?? 0} ${codes[from + 2] ?? 0} ${codes[from + 3] ?? 0})`, used: 4 }
  return { used: 0 }
}

function withoutColour(style: AnsiStyle, which: 'foreground' | 'background'): AnsiStyle {
  const { [which]: _gone, ...rest } = style
  return rest
}

function applyCode(style: AnsiStyle, code: number): AnsiStyle {
  if (code >= 30 && code <= 37) return { ...style, foreground: String(code - 30) }
  if (code >= 90 && code <= 97) return { ...style, foreground: String(code - 82) }
  if (code >= 40 && code <= 47) return { ...style, background: String(code - 40) }
  if (code >= 100 && code <= 107) return { ...style, background: String(code - 92) }
  switch (code) {
    case 0:
      return {}
    case 1:
      return { ...style, bold: true }
    case 2:
      return { ...style, dim: true }
    case 3:
      return { ...style, italic: true }
    case 4:
      return { ...style, underline: true }
    case 22:
      return { ...style, bold: false, dim: false }
    case 23:
      return { ...style, italic: false }
    case 24:
      return { ...style, underline: false }
    case 39:
      return withoutColour(style, 'foreground')
    case 49:
      return withoutColour(style, 'background')
    default:
      return style
  }
}

function applyCodes(style: AnsiStyle, parameters: string): AnsiStyle {
  const codes = parameters === '' ? [0] : parameters.split(/[;:]/).map(Number)
  let next = style
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i]!
    if (code === 38 || code === 48) {
      const { colour, used } = extendedColour(codes, i + 1)
      if (colour) next = { ...next, [code === 38 ? 'foreground' : 'background']: colour }
      i += used
    } else next = applyCode(next, code)
  }
  return next
}

/** Splits a line into styled pieces (ECMA-48 SGR). Joined, their texts are `stripAnsi(line)`. */
export function parseAnsi(line: string): AnsiSpan[] {
  const spans: AnsiSpan[] = []
  let style: AnsiStyle = {}
  let from = 0
  const take = (to: number): void => {
    const text = line.slice(from, to).replace(/\t/g, '    ').replace(controls, '')
    if (text) spans.push({ text, style })
  }
  for (const match of line.matchAll(escape)) {
    take(match.index)
    from = match.index + match[0].length
    if (match[2] === 'm') style = applyCodes(style, match[1] ?? '')
  }
  take(line.length)
  return spans
}
