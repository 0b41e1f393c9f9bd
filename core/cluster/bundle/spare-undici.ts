import type { Plugin } from 'vite'

const mark = '\0builtin:'

/**
 * Takes `node:http` in the way of CommonJS. Imported as an ES module, Node asks it for all that it exports, and for its
 * WebSocket alone it loads undici: 25 ms and 4 MiB.
 */
export function spareUndici(): Plugin {
  return {
    name: 'spare-undici',
    enforce: 'pre',
    resolveId: (source) => (source === 'node:http' ? mark + source : undefined),
    load(id) {
      if (!id.startsWith(mark)) return undefined
      return `module.exports = process.getBuiltinModule(${JSON.stringify(id.slice(mark.length))})`
    },
  }
}
