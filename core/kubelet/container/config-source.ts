import type { ConfigMap, Secret } from '../../api/generated/core-v1.ts'

/** Reads the configuration objects that pods refer to; undefined where one does not exist. */
export interface ConfigSource {
  configMap(namespace: string, name: string): Promise<ConfigMap | undefined>
  secret(namespace: string, name: string): Promise<Secret | undefined>
}

/** All entries of a ConfigMap as bytes. */
export function configMapEntries(configMap: ConfigMap): Map<string, Buffer> {
  const entries = new Map<string, Buffer>()
  for (const [key, value] of Object.entries(configMap.data ?? {})) entries.set(key, Buffer.from(value))
  for (const [key, value] of Object.entries(configMap.binaryData ?? {})) {
    entries.set(key, Buffer.from(value, 'base64'))
  }
  return entries
}

/** All entries of a Secret, decoded. */
export function secretEntries(secret: Secret): Map<string, Buffer> {
  const entries = Object.entries(secret.data ?? {})
  return new Map(entries.map(([key, value]) => [key, Buffer.from(value, 'base64')]))
}
