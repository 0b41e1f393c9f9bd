/** Prefix of the resource that every class of devices stands for: `deviceclass.resource.kubernetes.io/<class>`. */
export const deviceClassPrefix = 'deviceclass.resource.kubernetes.io/'

/** Whether it is one of Kubernetes' own: without a prefix, or with one under kubernetes.io. */
export function isNativeResource(name: string): boolean {
  return !name.includes('/') || name.includes('kubernetes.io/')
}

/** Names of a domain, but for that of Kubernetes itself, which no prefix says to be a request. */
export function isExtendedResource(name: string): boolean {
  return !isNativeResource(name) && !name.startsWith('requests.')
}

/** Whether devices may stand behind a resource of this name (upstream: IsDRAExtendedResourceName). */
export function canBeDevices(name: string): boolean {
  return name.startsWith(deviceClassPrefix) || isExtendedResource(name)
}
