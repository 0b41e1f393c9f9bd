import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { mergeKubeconfig, unmergeKubeconfig, writeKubeconfig } from './kubeconfig.ts'

const input = {
  clusterName: 'dev',
  server: 'https://127.0.0.1:6443',
  ca: 'CA',
  clientCertificate: 'CERT',
  clientKey: 'KEY',
}
let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'wheelhouse-home-'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

function readConfig(): Record<string, unknown> {
  return parse(readFileSync(join(home, '.kube/config'), 'utf8')) as Record<string, unknown>
}

describe('kubeconfig', () => {
  it('is private to the user', () => {
    const file = writeKubeconfig(home, input)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(parse(readFileSync(file, 'utf8'))).toMatchObject({ 'current-context': 'wheelhouse-dev' })
  })

  it('merges beside what is there and takes only itself out again', () => {
    mkdirSync(join(home, '.kube'))
    const mine = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'prod', cluster: { server: 'https://prod' } }],
      users: [{ name: 'prod', user: { token: 'secret' } }],
      contexts: [{ name: 'prod', context: { cluster: 'prod', user: 'prod' } }],
      'current-context': 'prod',
    }
    writeFileSync(join(home, '.kube/config'), JSON.stringify(mine))
    const environment = { HOME: home }
    mergeKubeconfig(input, environment)
    mergeKubeconfig({ ...input, server: 'https://127.0.0.1:7443' }, environment)
    expect(readConfig()).toMatchObject({
      'current-context': 'wheelhouse-dev',
      clusters: [{ name: 'prod' }, { name: 'wheelhouse-dev', cluster: { server: 'https://127.0.0.1:7443' } }],
    })
    expect(unmergeKubeconfig('dev', environment)).toBe(true)
    expect(readConfig()).toEqual(mine)
    expect(unmergeKubeconfig('dev', environment)).toBe(false)
  })

  it('makes the file when there is none and leaves an empty one behind', () => {
    const environment = { HOME: home }
    mergeKubeconfig(input, environment)
    expect(readConfig()).toMatchObject({ 'current-context': 'wheelhouse-dev' })
    unmergeKubeconfig('dev', environment)
    expect(readConfig()).toMatchObject({ clusters: [], users: [], contexts: [] })
  })

  it('leaves a file alone that is no kubeconfig', () => {
    mkdirSync(join(home, '.kube'))
    writeFileSync(join(home, '.kube/config'), '- a\n- b\n')
    expect(() => mergeKubeconfig(input, { HOME: home })).toThrow('is not a kubeconfig; left as it is')
    expect(readFileSync(join(home, '.kube/config'), 'utf8')).toBe('- a\n- b\n')
  })
})
