import { readFileSync, statSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { useGateway, type Answer } from './testing/use-gateway.ts'

const under = useGateway()

describe('preferences', () => {
  it('keeps what was put, in a file for its owner only', async () => {
    const put = await under.ask('/api/preferences', {
      method: 'PUT',
      headers: under.bearer(),
      body: '{"theme":"dark"}',
    })
    expect(put.code).toBe(200)
    expect((await under.ask('/api/preferences', { headers: under.bearer() })).body).toBe('{"theme":"dark"}')
    expect(statSync(under.preferencesFile).mode & 0o777).toBe(0o600)
    expect(JSON.parse(readFileSync(under.preferencesFile, 'utf8'))).toEqual({ theme: 'dark' })
    const bad = await under.ask('/api/preferences', { method: 'PUT', headers: under.bearer(), body: '[1]' })
    expect(bad.code).toBe(400)
  })
})

describe('clusters', () => {
  it('tells which can be reached and their versions', async () => {
    const answer = JSON.parse((await under.ask('/api/clusters', { headers: under.bearer() })).body) as unknown
    expect(answer).toMatchObject([
      { id: 'local', state: 'ready', version: 'v1.36.0', builtIn: true },
      { id: 'gone', state: 'unreachable', message: expect.stringContaining('cannot be reached') as string },
    ])
  })
})

describe('scheduling', () => {
  const explain = (path: string, method = 'GET'): Promise<Answer> =>
    under.ask(`/api/clusters/${path}`, { method, headers: under.bearer() })

  it('tells how the latest attempt to place a pod went', async () => {
    const answer = await explain('local/scheduling/shop/web')
    expect(JSON.parse(answer.body)).toMatchObject({ message: 'no node', verdicts: [{ rejectedBy: 'P' }] })
  })

  it('knows nothing of other pods, of clusters with a scheduler elsewhere, and changes nothing', async () => {
    expect((await explain('local/scheduling/shop/other')).code).toBe(404)
    expect((await explain('gone/scheduling/shop/web')).code).toBe(404)
    expect((await explain('local/scheduling/shop/web', 'DELETE')).code).toBe(405)
  })
})
