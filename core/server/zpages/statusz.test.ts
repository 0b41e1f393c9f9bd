import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FakeClock } from '../../util/fake-clock.ts'
import { startTestServer, type TestServer } from '../testing/test-server.ts'

const started = Date.parse('2026-03-02T04:05:06.700Z')

describe('/statusz', () => {
  let test: TestServer
  let clock: FakeClock
  beforeAll(async () => {
    clock = new FakeClock(started + process.uptime() * 1000)
    test = await startTestServer(() => ({ clock }))
  })
  afterAll(() => test.close())

  const get = (accept?: string, token?: string) =>
    test.call('GET', '/statusz', { ...(accept && { headers: { accept } }), ...(token && { token }) })
  const structured = (type: string, version = 'v1beta1'): string =>
    `${type};as=Statusz;v=${version};g=config.k8s.io`

  it.each([undefined, '*/*', 'text/plain', 'text/*', 'application/json, */*', structured('application/xml')])(
    'is text for %s',
    async (accept) => {
      const { code, headers, raw } = await get(accept)
      if (accept?.includes('xml')) return expect(code).toBe(406)
      expect([code, headers['content-type']]).toEqual([200, 'text/plain; charset=utf-8'])
      const lines = raw.toString().split('\n')
      expect(lines.slice(0, 2)).toEqual(['', 'apiserver statusz'])
      expect(lines[4]).toMatch(/^Started: Mon Mar {2}2 04:05:0\d UTC 2026$/)
      expect(lines[5]).toMatch(/^Up: 0 hr \d\d min \d\d sec$/)
      expect(lines.slice(6)).toEqual([
        `Go version: node${process.versions.node}`,
        'Binary version: 1.36.4',
        'Emulation version: 1.36',
        'Paths: /healthz /livez /metrics /readyz /version',
        '',
      ])
    },
  )

  it.each(['v1beta1', 'v1alpha1'])('is an object of %s for who asks for its kind', async (version) => {
    await clock.advance(3_600_000)
    const { code, headers, json } = await get(structured('application/json', version))
    expect([code, headers['content-type']]).toEqual([
      200,
      `application/json;g=config.k8s.io;v=${version};as=Statusz`,
    ])
    const warning = '299 - "This version of the statusz endpoint is deprecated. Please use a newer version."'
    expect(headers['warning']).toBe(version === 'v1alpha1' ? warning : undefined)
    expect(json).toEqual({
      kind: 'Statusz',
      apiVersion: `config.k8s.io/${version}`,
      metadata: { name: 'apiserver' },
      startTime: expect.stringMatching(/^2026-03-02T04:05:0\dZ$/),
      uptimeSeconds: expect.any(Number),
      goVersion: `node${process.versions.node}`,
      binaryVersion: '1.36.4',
      emulationVersion: '1.36',
      paths: ['/healthz', '/livez', '/metrics', '/readyz', '/version'],
    })
    expect(json.uptimeSeconds).toBeGreaterThanOrEqual(3600)
  })

  it('is YAML, too', async () => {
    const { code, headers, raw } = await get(structured('application/yaml'))
    expect([code, headers['content-type']]).toEqual([
      200,
      'application/yaml;g=config.k8s.io;v=v1beta1;as=Statusz',
    ])
    expect(raw.toString()).toContain('kind: Statusz\n')
  })

  it.each([
    'application/json',
    'application/xml',
    'application/vnd.kubernetes.protobuf',
    'application/json;v=v1beta1;g=config.k8s.io',
    structured('text/plain'),
    structured('application/json', 'v1'),
    `${structured('application/json')};stream=watch`,
    'application/json;as=Flagz;v=v1beta1;g=config.k8s.io',
  ])('is not acceptable to %s', async (accept) => {
    const { code, json } = await get(accept)
    const types = 'application/json, application/yaml, text/plain'
    expect([code, json.reason, json.message]).toEqual([
      406,
      'NotAcceptable',
      `only the following media types are accepted: ${types}`,
    ])
  })

  it('says so in YAML to who takes nothing else', async () => {
    const { code, headers } = await get('application/yaml')
    expect([code, headers['content-type']]).toEqual([406, 'application/yaml'])
  })

  it('is for those who watch over the cluster, and stands in the index', async () => {
    expect((await get(undefined, 'user-token')).code).toBe(403)
    const index = await test.call('GET', '/')
    expect(index.json.paths).toContain('/statusz')
  })
})
