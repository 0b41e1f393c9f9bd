import type { Labels } from '../../api/selectors.ts'
import type { FilterPlugin, Rejection } from '../plugin.ts'

/** Labels by which a volume says where it is, each under its present and its older name. */
const places = [
  ['topology.kubernetes.io/zone', 'failure-domain.beta.kubernetes.io/zone'],
  ['topology.kubernetes.io/region', 'failure-domain.beta.kubernetes.io/region'],
] as const
const rejection: Rejection = { reasons: ['node(s) had no available volume zone'], isResolvable: false }

function valueOf(labels: Labels, names: readonly string[]): string | undefined {
  return names.map((name) => labels?.[name]).find((value) => value !== undefined)
}

/** A volume that names its zones can only be used from nodes in one of them (upstream: plugins/volumezone). */
export const volumeZone: FilterPlugin = {
  name: 'VolumeZone',
  prepare({ claims }, { storage }) {
    const wanted: { names: readonly string[]; values: Set<string> }[] = []
    for (const key of claims) {
      const labels = storage.volume(storage.claim(key)?.spec.volumeName ?? '')?.metadata.labels
      for (const names of places) {
        const value = valueOf(labels, names)
        if (value !== undefined) wanted.push({ names, values: new Set(value.split('__')) })
      }
    }
    if (wanted.length === 0) return undefined
    return {
      check({ node }) {
        const labels = node?.metadata.labels
        // A cluster without zones does not care about them.
        if (places.every((names) => valueOf(labels, names) === undefined)) return undefined
        return wanted.every(({ names, values }) => values.has(valueOf(labels, names) ?? ''))
          ? undefined
          : rejection
      },
    }
  },
  isHelpedBy: (_pod, event) => ['NodeAdd', 'NodeUpdate', 'StorageUpdate'].includes(event.type),
}
