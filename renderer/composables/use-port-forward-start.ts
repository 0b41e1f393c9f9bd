import { ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue'
import type { PortForward } from '../../core/api/gateway.ts'
import type { Pod, Service } from '../../core/api/generated/core-v1.ts'
import { toStatus } from '../client/http.ts'
import type { ActionTarget } from '../kit/action.ts'
import { refOf } from '../kit/action.ts'
import { useAppContext } from '../kit/app-context.ts'
import { usePortForwardsStore } from '../stores/port-forwards.ts'

export interface ForwardablePort {
  port: number
  label: string
}

export interface PortForwardStart {
  /** What the object says it listens on. */
  ports: ShallowRef<ForwardablePort[]>
  started: ShallowRef<PortForward | undefined>
  error: Ref<string>
  isRunning: Ref<boolean>
  run(port: number | string, localPort: number): Promise<void>
}

/** TCP ports of a Pod's containers or of a Service. */
function portsOf(object: Pod | Service): ForwardablePort[] {
  const { spec } = object
  const label = (port: number, name?: string): string => (name ? `${port} (${name})` : String(port))
  if ('containers' in spec) {
    return spec.containers
      .flatMap((container) => container.ports ?? [])
      .filter(({ protocol = 'TCP' }) => protocol === 'TCP')
      .map(({ containerPort, name }) => ({ port: containerPort, label: label(containerPort, name) }))
  }
  return (spec.ports ?? [])
    .filter(({ protocol = 'TCP' }) => protocol === 'TCP')
    .map(({ port, name }) => ({ port, label: label(port, name) }))
}

/** What the port-forward dialog does. */
export function usePortForwardStart(target: () => ActionTarget | undefined): PortForwardStart {
  const app = useAppContext()
  const store = usePortForwardsStore()
  const ports = shallowRef<ForwardablePort[]>([])
  const started = shallowRef<PortForward>()
  const error = ref('')
  const isRunning = ref(false)

  async function find(current: ActionTarget): Promise<void> {
    try {
      const object = await app.host.kube.get<Pod | Service>(current.resource, refOf(current))
      if (target() === current) ports.value = portsOf(object)
    } catch (cause) {
      if (target() === current) error.value = toStatus(cause).message ?? ''
    }
  }
  watch(target, (current) => {
    ports.value = []
    started.value = undefined
    error.value = ''
    isRunning.value = false
    if (current) void find(current)
  })

  async function run(port: number | string, localPort: number): Promise<void> {
    const current = target()
    if (!current) return
    isRunning.value = true
    error.value = ''
    try {
      const forward = await store.start(app.cluster, {
        namespace: current.namespace ?? 'default',
        kind: current.resource.kind === 'Service' ? 'Service' : 'Pod',
        name: current.name,
        port,
        localPort,
      })
      if (target() === current) started.value = forward
    } catch (cause) {
      if (target() === current) error.value = toStatus(cause).message ?? ''
    } finally {
      if (target() === current) isRunning.value = false
    }
  }
  return { ports, started, error, isRunning, run }
}
