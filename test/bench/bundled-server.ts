import { join } from 'node:path'
import { build } from 'vite'
import { isFresh } from '../../core/cluster/bundle/fresh-bundle.ts'
import { recordSources } from '../../core/cluster/bundle/record-sources.ts'
import { bundleOutput, bundlePlugins, external } from '../../core/cluster/bundle/vite.config.ts'
import { root } from './node-flags.ts'

/**
 * The server of `bench:api` in the form in which users run it, bundled (docs/adr/0013); made anew when a source has changed.
 * Gives the file to run.
 */
export async function bundledServer(): Promise<string> {
  const outDir = join(root, 'out/bench')
  if (!isFresh(outDir, root)) {
    await build({
      configFile: false,
      root,
      publicDir: false,
      logLevel: 'warn',
      plugins: [...bundlePlugins(), recordSources(root)],
      ssr: { noExternal: true, external },
      build: {
        ssr: true,
        target: 'node24',
        outDir,
        emptyOutDir: true,
        sourcemap: true,
        reportCompressedSize: false,
        rolldownOptions: {
          input: { 'api-server': join(import.meta.dirname, 'api-server.ts') },
          output: bundleOutput,
        },
      },
    })
  }
  return join(outDir, 'api-server.js')
}
