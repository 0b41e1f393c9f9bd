import { describe, expect, it } from 'vitest'
import { healthChecks, type StartedPart } from './health-checks.ts'
import { serveControlPlane } from './testing/serve-control-plane.ts'

function failing(parts: StartedPart[]): string[] {
  const checks = healthChecks({
    checkStore: async () => undefined,
    checkAgents: () => undefined,
    hasStarted: (part) => parts.includes(part),
  })
  return checks.flatMap(({ name, check }) => {
    try {
      void check()
      return []
    } catch {
      return [name]
    }
  })
}

describe('health checks', () => {
  it('wait for the part that does what upstream does under that name', () => {
    expect(failing(['admission', 'flowControl', 'definitions', 'aggregation', 'access'])).toEqual([])
    expect(failing(['admission', 'flowControl', 'aggregation', 'access'])).toEqual([
      'poststarthook/start-apiextensions-informers',
      'poststarthook/start-apiextensions-controllers',
      'poststarthook/crd-informer-synced',
    ])
  })

  it('are listed in the order of upstream, and hold once it is served', async () => {
    await using served = await serveControlPlane()
    const lines = async (path: string): Promise<string[]> => {
      const { text } = await served.get(path, '*/*')
      return text.split('\n')
    }
    const ready = await lines('/readyz?verbose')
    expect(ready.slice(0, 6)).toEqual([
      '[+]ping ok',
      '[+]log ok',
      '[+]etcd ok',
      '[+]etcd-readiness ok',
      '[+]informer-sync ok',
      '[+]poststarthook/start-apiserver-admission-initializer ok',
    ])
    expect(ready.slice(-2)).toEqual(['readyz check passed', ''])
    expect(await lines('/livez?verbose')).toContain('[+]poststarthook/rbac/bootstrap-roles ok')
  })
})
