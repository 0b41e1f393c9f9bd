import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'vite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kubectlFor } from '../harness/clients.ts'
import {
  disposeCluster,
  fetchPage,
  nodesReady,
  startCluster,
  temporaryDirectory,
} from '../harness/cluster.ts'

const root = join(import.meta.dirname, '../..')
/** Ends at once when it is told to. */
const loop = 'trap "exit 0" TERM; while true; do sleep 1; done'
let directory: string
let program: string

beforeAll(async () => {
  mkdirSync(join(root, 'out'), { recursive: true })
  directory = mkdtempSync(join(root, 'out/bundle-'))
  const configFile = join(root, 'core/cluster/bundle/vite.config.ts')
  await build({ configFile, logLevel: 'error', build: { outDir: directory } })
  program = join(directory, 'program.mjs')
  writeFileSync(
    program,
    `import { runCommandLine } from './command-line.js'
    process.exit(await runCommandLine(process.argv.slice(2)))`,
  )
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

describe('the bundle that npm install makes', () => {
  it('is the whole program: Docker node, state over a restart, descriptions, page', async () => {
    const dataDirectory = temporaryDirectory()
    const first = await startCluster({ program, dataDirectory, args: ['--name', 'bundle'] })
    try {
      const kubectl = kubectlFor(first.kubeconfig)
      await nodesReady(kubectl)
      await kubectl(['create', 'configmap', 'kept', '--from-literal=a=b'])
      await kubectl([
        'run',
        'pod',
        '--image=busybox',
        '--image-pull-policy=IfNotPresent',
        '--',
        'sh',
        '-c',
        loop,
      ])
      await kubectl(['wait', 'pod/pod', '--for=condition=Ready', '--timeout=120s'])
      expect(await kubectl(['explain', 'pod.spec.nodeName'])).toMatch(/DESCRIPTION:\s+NodeName /)
      expect((await fetchPage(first.ui)).status).toBe(200)
    } finally {
      await first.stop()
    }
    const second = await startCluster({ program, dataDirectory, args: ['--name', 'bundle'] })
    try {
      const kubectl = kubectlFor(second.kubeconfig)
      expect(await kubectl(['get', 'configmap', 'kept', '-o', 'jsonpath={.data.a}'])).toBe('b')
      expect(second.log()).not.toMatch(/"level":[56]0/)
    } finally {
      await disposeCluster(second)
    }
  })
})
