import type { FieldError } from '../../../api/status.ts'
import { forbiddenField, notSupported } from '../../../api/field-errors.ts'

const supported = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod']
const abbreviations: [string, string][] = [
  ['ReadWriteOnce', 'RWO'],
  ['ReadOnlyMany', 'ROX'],
  ['ReadWriteMany', 'RWX'],
  ['ReadWriteOncePod', 'RWOP'],
]

/** The ways a volume may be mounted, of a PersistentVolume or a claim. An empty list is the caller's to refuse. */
export function validateAccessModes(modes: string[], path: string): FieldError[] {
  const errors = modes
    .filter((mode) => !supported.includes(mode))
    .map((mode) => notSupported(path, mode, supported))
  const others = modes.filter((mode) => supported.includes(mode) && mode !== 'ReadWriteOncePod')
  if (modes.includes('ReadWriteOncePod') && others.length > 0) {
    errors.push(forbiddenField(path, 'may not use ReadWriteOncePod with other access modes'))
  }
  return errors
}

/** As `kubectl get` shows them: `RWO,ROX`. */
export function accessModesText(modes: string[] | undefined): string {
  const given = modes ?? []
  return abbreviations
    .filter(([mode]) => given.includes(mode))
    .map(([, short]) => short)
    .join(',')
}
