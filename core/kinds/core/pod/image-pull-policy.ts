/** `Always` for a moving image (`:latest`, or no tag at all), `IfNotPresent` otherwise. */
export function pullPolicyOf(image: string): 'Always' | 'IfNotPresent' {
  const [reference = '', digest] = image.split('@')
  const tag = /:([^/:]+)$/.exec(reference)?.[1]
  const isLatest = tag === 'latest' || (tag === undefined && digest === undefined && reference !== '')
  return isLatest ? 'Always' : 'IfNotPresent'
}
