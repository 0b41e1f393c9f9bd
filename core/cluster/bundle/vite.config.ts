import { join } from 'node:path'
import { defineConfig, type Plugin, type Rolldown } from 'vite'
import { keepSourcePlaces } from './keep-source-places.ts'
import { lineMaps } from './line-maps.ts'
import { loadLate } from './load-late.ts'
import { oneByte } from './one-byte.ts'
import { recordSources } from './record-sources.ts'
import { spareUndici } from './spare-undici.ts'

const root = join(import.meta.dirname, '../../..')

/** Packages that stay in node_modules: needed only where etcd is the store. */
export const external = ['@grpc/grpc-js', '@grpc/proto-loader']

/** What any bundle of core needs. */
export function bundlePlugins(): Plugin[] {
  return [keepSourcePlaces(root), loadLate(), spareUndici(), oneByte(), lineMaps()]
}

/** Not minified, so that what a crash shows can be read; V8 keeps compiled code anyway. */
export const bundleOutput: Rolldown.OutputOptions = {
  comments: { legal: true, annotation: false, jsdoc: false },
  // All in one folder: see `keepSourcePlaces`.
  entryFileNames: '[name].js',
  chunkFileNames: '[name]-[hash].js',
}

/** The program of `npm run cluster` in a few files instead of 1,500 modules: docs/adr/0013. */
export default defineConfig({
  root,
  publicDir: false,
  plugins: [...bundlePlugins(), recordSources(root)],
  ssr: { noExternal: true, external },
  build: {
    ssr: true,
    target: 'node24',
    outDir: 'out/cluster',
    emptyOutDir: true,
    sourcemap: true,
    reportCompressedSize: false,
    rolldownOptions: {
      input: { 'command-line': join(root, 'core/cluster/command-line.ts') },
      output: bundleOutput,
    },
  },
})
