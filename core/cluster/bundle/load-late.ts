import type { Plugin } from 'vite'

const mark = '\0late:'

/**
 * What Docker's client loads at once and needs only for BuildKit sessions and `ssh://` hosts: 200 modules and 25 MiB with
 * what they load in turn. Each exports one function. By the file that requires it.
 */
const lateModules = [
  { importer: /[\\/]dockerode[\\/]lib[\\/]docker\.js$/, source: './session', id: 'dockerode/lib/session.js' },
  { importer: /[\\/]docker-modem[\\/]lib[\\/]modem\.js$/, source: './ssh', id: 'docker-modem/lib/ssh.js' },
]

/** Leaves such modules where they are, in node_modules, and loads each when its function is called first. */
export function loadLate(): Plugin {
  return {
    name: 'load-late',
    enforce: 'pre',
    resolveId(source, importer = '') {
      if (importer.startsWith(mark)) return { id: source, external: true }
      const late = lateModules.find((each) => each.source === source && each.importer.test(importer))
      return late && mark + late.id
    },
    load(id) {
      if (!id.startsWith(mark)) return undefined
      return `module.exports = (...all) => require(${JSON.stringify(id.slice(mark.length))})(...all)`
    },
  }
}
