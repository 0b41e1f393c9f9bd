/** Whether an address may be handed to the user's browser: http and https without credentials, nothing else. */
export function isSafeExternalUrl(text: unknown): text is string {
  if (typeof text !== 'string' || !URL.canParse(text)) return false
  const { protocol, username, password } = new URL(text)
  return (protocol === 'https:' || protocol === 'http:') && username === '' && password === ''
}
