import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { shellCommand } from './shell-command.ts'

const [shell = '', ...args] = shellCommand
const localeIn = (env: Record<string, string>): string =>
  execFileSync(shell, args, {
    input: 'echo "$LANG/$LC_CTYPE/$TERM"',
    env: { PATH: process.env['PATH'] ?? '', ...env },
    encoding: 'utf8',
  }).trim()
const own = ['C.utf8', 'C.UTF-8'].some((name) => existsSync(`/usr/lib/locale/${name}`)) ? 'C.UTF-8' : ''

describe('the shell in a container', () => {
  it('reads and shows letters beyond ASCII where the image can, and leaves a locale that is named', () => {
    expect(localeIn({})).toBe(`/${own}/xterm-256color`)
    expect(localeIn({ LANG: 'POSIX' })).toBe('POSIX//xterm-256color')
  })
})
