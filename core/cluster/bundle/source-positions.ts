import { readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { fileURLToPath } from 'node:url'

/** A call in the words of V8, with the place in the source for the one in the bundle. */
function describe(call: NodeJS.CallSite, mapOf: (file: string) => SourceMap | undefined): string {
  const text = String(call)
  const file = call.getFileName()
  const line = call.getLineNumber()
  const column = call.getColumnNumber()
  if (!file || line === null || column === null) return text
  const entry = mapOf(file)?.findEntry(line - 1, column - 1)
  if (!entry || !('originalSource' in entry)) return text
  const source = fileURLToPath(new URL(entry.originalSource, file))
  return text.replace(
    `${file}:${line}:${column}`,
    `${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}`,
  )
}

/**
 * Lets stack traces of what lies under `bundle` (a `file:` URL) name the sources. A map is read when the first trace needs
 * it: Node's own support reads all maps at start, which takes longer than the modules themselves.
 */
export function showSourcePositions(bundle: string): void {
  const maps = new Map<string, SourceMap | undefined>()
  const mapOf = (file: string): SourceMap | undefined => {
    if (!file.startsWith(bundle)) return undefined
    if (!maps.has(file)) maps.set(file, readMap(file))
    return maps.get(file)
  }
  Error.prepareStackTrace = (error, calls) =>
    [Error.prototype.toString.call(error), ...calls.map((call) => describe(call, mapOf))].join('\n    at ')
}

function readMap(file: string): SourceMap | undefined {
  try {
    const text = readFileSync(`${fileURLToPath(file)}.map`, 'utf8')
    return new SourceMap(JSON.parse(text) as ConstructorParameters<typeof SourceMap>[0])
  } catch {
    // The bundle's own places are better than none.
    return undefined
  }
}
