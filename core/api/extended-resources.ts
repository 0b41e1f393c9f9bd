/** Prefix of the resource that every class of devices stands for: `deviceclass.resource.kubernetes.io/<class>`. */
export const deviceClassPrefix = 'deviceclass.resource.kubernetes.io/'

/** Whether devices may stand behind a resource of this name (upstream: IsDRAExtendedResourceName). */
export function canBeDevices(name: string): boolean {
  if (name.startsWith(deviceClassPrefix)) return true
  return name.includes('/') && !name.includes('kubernetes.io/') && !name.startsWith('requests.')
}
