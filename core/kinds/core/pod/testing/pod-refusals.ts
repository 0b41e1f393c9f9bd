import { causesOf, TestKinds } from '../../../testing/test-kinds.ts'

/** The causes that the creation of a pod with this spec is refused for; `c` is a container where it names none. */
export function podRefusals(spec: string, metadata = ''): Promise<string[]> {
  const containers = /^\s*containers:/m.test(spec) ? '' : '  containers: [{ name: c, image: i }]\n'
  const lines = spec.trim().split('\n').join('\n  ')
  const yaml = `apiVersion: v1\nkind: Pod\nmetadata: { name: p${metadata && `, ${metadata}`} }\nspec:\n${containers}  ${lines}\n`
  return causesOf(new TestKinds().create(yaml))
}

/** The cause that says that a value is no DNS subdomain. */
export const noSubdomain = (field: string, value: string): string =>
  `FieldValueInvalid ${field}: Invalid value: "${value}": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`
