import { describe, expect, it } from 'vitest'
import { serviceEnvironment } from './service-environment.ts'
import { makeService } from './service-fixtures.ts'

const kubernetes = makeService('kubernetes', {
  clusterIP: '10.96.0.1',
  ports: [{ name: 'https', port: 443 }],
})
const redis = {
  ...makeService('redis-master', { clusterIP: '10.96.0.11', ports: [{ port: 6379, protocol: 'TCP' }] }),
  metadata: { name: 'redis-master', namespace: 'shop' },
}
const headless = { ...makeService('db', { clusterIP: 'None' }), metadata: { name: 'db', namespace: 'shop' } }

function pod(enableServiceLinks?: boolean) {
  return {
    metadata: { name: 'p', namespace: 'shop' },
    spec: { containers: [], ...(enableServiceLinks === undefined ? {} : { enableServiceLinks }) },
  }
}

describe('service environment', () => {
  it('describes the Services of the namespace and the API server', () => {
    expect(serviceEnvironment(pod(), [kubernetes, redis, headless])).toEqual([
      'KUBERNETES_SERVICE_HOST=10.96.0.1',
      'KUBERNETES_SERVICE_PORT=443',
      'KUBERNETES_SERVICE_PORT_HTTPS=443',
      'KUBERNETES_PORT=tcp://10.96.0.1:443',
      'KUBERNETES_PORT_443_TCP=tcp://10.96.0.1:443',
      'KUBERNETES_PORT_443_TCP_PROTO=tcp',
      'KUBERNETES_PORT_443_TCP_PORT=443',
      'KUBERNETES_PORT_443_TCP_ADDR=10.96.0.1',
      'REDIS_MASTER_SERVICE_HOST=10.96.0.11',
      'REDIS_MASTER_SERVICE_PORT=6379',
      'REDIS_MASTER_PORT=tcp://10.96.0.11:6379',
      'REDIS_MASTER_PORT_6379_TCP=tcp://10.96.0.11:6379',
      'REDIS_MASTER_PORT_6379_TCP_PROTO=tcp',
      'REDIS_MASTER_PORT_6379_TCP_PORT=6379',
      'REDIS_MASTER_PORT_6379_TCP_ADDR=10.96.0.11',
    ])
  })

  it('has only the API server without service links', () => {
    const names = serviceEnvironment(pod(false), [kubernetes, redis]).map((line) => line.split('_')[0])
    expect(new Set(names)).toEqual(new Set(['KUBERNETES']))
  })
})
