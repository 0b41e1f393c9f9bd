import { Scaling } from '@lucide/vue'
import type { Container, Pod } from '../../core/api/generated/core-v1.ts'
import { namespaceFlag, refOf, type ActionTarget, type FieldValues, type KindAction } from './action.ts'

const amounts = [
  { id: 'requests.cpu', title: 'action.requestCpu' },
  { id: 'limits.cpu', title: 'action.limitCpu' },
  { id: 'requests.memory', title: 'action.requestMemory' },
  { id: 'limits.memory', title: 'action.limitMemory' },
] as const

function containerOf({ object }: ActionTarget, name: string): Container | undefined {
  return (object as Pod | undefined)?.spec.containers.find((container) => container.name === name)
}

/** What the dialog asks for, as a patch of the pod; amounts left empty stay as they are. */
function patchOf(container: string, values: FieldValues): object {
  const resources: Record<string, Record<string, string>> = {}
  for (const { id } of amounts) {
    const value = String(values[id] ?? '').trim()
    const [list, resource] = id.split('.') as [string, string]
    if (value) resources[list] = { ...resources[list], [resource]: value }
  }
  return { spec: { containers: [{ name: container, resources }] } }
}

/** Changes what a running container asks for and may have, through the pod's resize subresource. */
export function resizeAction(container: string): KindAction {
  return {
    id: 'resize',
    title: 'action.resize',
    icon: Scaling,
    dialog: {
      body: 'action.resizeBody',
      confirm: 'action.resize',
      fields: amounts.map(({ id, title }) => ({
        id,
        title,
        kind: 'text',
        initial(target) {
          const [list, resource] = id.split('.') as ['requests' | 'limits', string]
          return containerOf(target, container)?.resources?.[list]?.[resource] ?? ''
        },
      })),
      kubectl: (target, values) =>
        `patch pod ${target.name}${namespaceFlag(target)} --subresource resize --patch '${JSON.stringify(patchOf(container, values))}'`,
      run: (host, target, values) =>
        host.kube.patch(target.resource, refOf(target), {
          type: 'strategic',
          body: patchOf(container, values),
          options: { subresource: 'resize' },
        }),
    },
  }
}
