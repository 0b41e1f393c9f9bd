import { expect, it } from 'vitest'
import type { Pod } from '../../api/generated/core-v1.ts'
import { createFakeApi } from '../testing/fake-api.ts'
import { testPod } from '../testing/simulated-world.ts'
import { pullCredentials } from './pull-secrets.ts'

const api = createFakeApi()

function store(name: string, data: Record<string, unknown>): void {
  const entries = Object.entries(data).map(([key, value]) => [
    key,
    Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64'),
  ])
  api.secrets.set(`default/${name}`, { metadata: { name }, data: Object.fromEntries(entries) })
}

function podWith(...secrets: string[]): Pod {
  return testPod({ imagePullSecrets: secrets.map((name) => ({ name })) })
}

const basic = (user: string, password: string): string =>
  Buffer.from(`${user}:${password}`).toString('base64')

async function usersFor(image: string, ...secrets: string[]): Promise<string[]> {
  const { auth } = await pullCredentials(podWith(...secrets), image, api)
  return auth.map(({ username }) => username)
}

it('finds the credentials of a registry, the longest name first', async () => {
  store('one', {
    '.dockerconfigjson': {
      auths: {
        'registry.example.com': { auth: basic('whole', 'a:b') },
        'https://registry.example.com/team': { username: 'team', password: 'x' },
        'registry.example.com:5000': { username: 'port', password: 'x' },
        '*.mirror.example.com': { username: 'any', password: 'x' },
      },
    },
  })
  expect(await usersFor('registry.example.com/team/app:1', 'one')).toEqual(['team', 'whole'])
  expect(await usersFor('registry.example.com/other@sha256:' + '0'.repeat(64), 'one')).toEqual(['whole'])
  expect(await usersFor('registry.example.com:5000/app', 'one')).toEqual(['port'])
  expect(await usersFor('eu.mirror.example.com/app', 'one')).toEqual(['any'])
  expect(await usersFor('a.eu.mirror.example.com/app', 'one')).toEqual([])
  expect(await usersFor('nginx', 'one')).toEqual([])
  const { auth } = await pullCredentials(podWith('one'), 'registry.example.com/x', api)
  // A colon in a password is one.
  expect(auth).toEqual([{ username: 'whole', password: 'a:b', serverAddress: 'registry.example.com' }])
})

it('knows Docker Hub by all its names, and reads the older form of a Secret', async () => {
  store('hub', {
    '.dockerconfigjson': { auths: { 'https://index.docker.io/v1/': { auth: basic('me', 'secret') } } },
  })
  store('old', { '.dockercfg': { 'docker.io': { auth: basic('older', 'secret') } } })
  for (const image of ['nginx', 'team/app:1', 'docker.io/library/nginx:1.27']) {
    expect(await usersFor(image, 'hub', 'old')).toEqual(['me', 'older'])
  }
  expect(await usersFor('quay.io/team/app', 'hub', 'old')).toEqual([])
})

it('names the Secrets that are not there and passes over those that cannot be read', async () => {
  store('broken', { '.dockerconfigjson': '{' })
  const { auth, missing } = await pullCredentials(podWith('broken', 'gone'), 'nginx', api)
  expect({ auth, missing }).toEqual({ auth: [], missing: ['gone'] })
})
