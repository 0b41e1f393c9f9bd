const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*'
const host =
  '(?:(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?'
const pattern = new RegExp(
  `^((?:${host}/)?${component}(?:/${component})*)(?::([\\w][\\w.-]{0,127}))?(?:@([A-Za-z][A-Za-z0-9]*:[0-9a-fA-F]{32,}))?$`,
)

/** Whether `image` is a well-formed reference (grammar: distribution/reference). */
export function isImageReference(image: string): boolean {
  return pattern.test(image)
}

/** What is wrong with a reference that is not well-formed, in the words of distribution/reference. */
export function imageReferenceProblem(image: string): string {
  const malformed = 'invalid reference format'
  const lower = image.toLowerCase()
  if (lower === image || !isImageReference(lower)) return malformed
  const slash = image.indexOf('/')
  const domain = image.slice(0, Math.max(slash, 0))
  const hasDomain = /[.:]/.test(domain) || domain === 'localhost' || domain !== domain.toLowerCase()
  const [path = ''] = (hasDomain ? image.slice(slash + 1) : image).split(/[:@]/)
  const name = hasDomain || slash >= 0 ? path : `library/${path}`
  return `${malformed}: repository name (${name}) must be lowercase`
}

/** The reference with `:latest` where it has neither tag nor digest, so that a pull asks for one image. */
export function withDefaultTag(image: string): string {
  const match = pattern.exec(image)
  return match && match[2] === undefined && match[3] === undefined ? `${image}:latest` : image
}
