import { describe, expect, it } from 'vitest'
import { healthChecks, type StartedPart } from './health-checks.ts'
import { serveControlPlane } from './testing/serve-control-plane.ts'

function failing(parts: StartedPart[]): string[] {
  const checks = healthChecks({
    checkStore: async () => undefined,
    checkAgents: () => undefined,
    hasStarted: (part) => parts.includes(part),
    isClosing: () => false,
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
    const others: StartedPart[] = [
      'admission',
      'flowControl',
      'aggregation',
      'access',
      'identity',
      'tokenTracking',
    ]
    expect(failing([...others, 'definitions'])).toEqual([])
    expect(failing(others)).toEqual([
      'poststarthook/start-apiextensions-informers',
      'poststarthook/start-apiextensions-controllers',
      'poststarthook/crd-informer-synced',
      'poststarthook/storage-readiness',
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
    expect(ready.slice(-3)).toEqual(['[+]shutdown ok', 'readyz check passed', ''])
    expect(ready).toHaveLength(39)
    expect(await lines('/livez?verbose')).toContain('[+]poststarthook/rbac/bootstrap-roles ok')
  })
})
