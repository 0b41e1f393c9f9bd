import { statSync } from 'node:fs'
import { isAbsolute, join, relative } from 'node:path'
import type { Plugin } from 'vite'
import { digestOf, sourcesFile, type RecordedSources } from './fresh-bundle.ts'

/** Writes down which files a bundle was made of, so that one made of others is never run: see `freshBundle`. */
export function recordSources(root: string): Plugin {
  let configuration: string[] = []
  return {
    name: 'record-sources',
    configResolved(config) {
      configuration = config.configFileDependencies
    },
    generateBundle() {
      // Modules that plugins made up are no files. Packages have exact versions, so the lock file stands for theirs.
      const own = [...this.getModuleIds()].filter((id) => isAbsolute(id) && !id.includes('node_modules'))
      const files = [...own, ...configuration, join(root, 'package-lock.json')]
      const recorded: RecordedSources = {}
      for (const file of files) {
        const name = relative(root, file).replaceAll('\\', '/')
        recorded[name] = { modifiedMs: statSync(file).mtimeMs, digest: digestOf(file) }
      }
      this.emitFile({ type: 'asset', fileName: sourcesFile, source: JSON.stringify(recorded) })
    },
  }
}
