import type { Pod } from '../api/generated/core-v1.ts'
import { defaultPod } from '../kinds/core/pod/defaults.ts'
import { validatePod } from '../kinds/core/pod/pod-validation.ts'
import { checkDns1123Subdomain } from '../kinds/validation/formats.ts'
import { parseYaml } from '../server/body/yaml.ts'

/**
 * Reads the manifest of a static pod, YAML or JSON, with the defaults and rules of the API server (upstream:
 * kubelet/config/common.go tryDecodeSinglePod). Throws an error that says what is wrong with it.
 */
export function decodeStaticPod(text: string): Pod {
  const { value } = parseYaml(text)
  if (!isPod(value)) throw new Error('invalid pod: the file holds no Pod of v1')
  defaultPod(value)
  const names = checkDns1123Subdomain(value.metadata.name).map((why) => `metadata.name: ${why}`)
  const errors = validatePod(value).map(({ field, message }) => `${field}: ${message}`)
  const all = [...names, ...errors]
  if (all.length > 0) throw new Error(`invalid pod: ${all.join(', ')}`)
  return value
}

function isPod(value: unknown): value is Pod {
  const { apiVersion, kind, metadata, spec } = (value ?? {}) as Partial<Pod>
  if (apiVersion !== 'v1' || kind !== 'Pod') return false
  return typeof metadata?.name === 'string' && typeof spec === 'object' && Array.isArray(spec.containers)
}
