import { ShieldHalf } from '@lucide/vue'
import { refOf, type ActionField, type ActionTarget, type FieldValues, type KindAction } from './action.ts'
import { podSecurityOf, securityLevels, securityPrefix } from './pod-security.ts'

const modes = ['enforce', 'warn', 'audit'] as const

function levelsOf({ row, object }: ActionTarget): Record<string, string> {
  const { enforce, others } = podSecurityOf(object?.metadata.labels ?? row?.labels)
  const spoken = Object.fromEntries(others.map(({ mode, level }) => [mode, level]))
  return { warn: 'privileged', audit: 'privileged', ...spoken, enforce: enforce.level }
}

/** The labels that differ from what the namespace has; the level that is enforced when none does. */
function labelsOf(target: ActionTarget, values: FieldValues): Record<string, string> {
  const before = levelsOf(target)
  const changed = modes.filter((mode) => values[mode] !== before[mode])
  const told = changed.length ? changed : (['enforce'] as const)
  return Object.fromEntries(told.map((mode) => [securityPrefix + mode, String(values[mode])]))
}

function field(mode: (typeof modes)[number]): ActionField {
  return {
    id: mode,
    title: `security.${mode}Field`,
    hint: `security.${mode}Hint`,
    kind: 'choice',
    options: securityLevels,
    initial: (target) => levelsOf(target)[mode]!,
  }
}

/** Sets what the pods of a namespace may be, after showing which of those it has would not be let in. */
export const podSecurityAction: KindAction = {
  id: 'podSecurity',
  title: 'security.set',
  icon: ShieldHalf,
  bulk: true,
  dialog: {
    body: 'security.setBody',
    confirm: 'security.apply',
    fields: modes.map(field),
    kubectl: (target, values) =>
      ['label --overwrite namespace', target.name]
        .concat(Object.entries(labelsOf(target, values)).map(([key, level]) => `${key}=${level}`))
        .join(' '),
    preview: async (host, target, values) => {
      const body = { metadata: { labels: labelsOf(target, values) } }
      const { warnings } = await host.kube.patch(target.resource, refOf(target), {
        type: 'merge',
        body,
        options: { dryRun: true },
      })
      return warnings
    },
    run: (host, target, values) =>
      host.kube.patch(target.resource, refOf(target), {
        type: 'merge',
        body: { metadata: { labels: labelsOf(target, values) } },
      }),
  },
}
