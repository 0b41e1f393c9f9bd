import { describe, expect, it } from 'vitest'
import { formatAge } from './duration.ts'
import { fuzzyScore } from './fuzzy.ts'
import { toneOf } from './tone.ts'

describe('toneOf', () => {
  it.each([
    ['Running', 'ok'],
    ['Ready', 'ok'],
    ['Active', 'ok'],
    ['Bound', 'ok'],
    ['Pending', 'progress'],
    ['ContainerCreating', 'progress'],
    ['Init:0/1', 'progress'],
    ['Terminating', 'progress'],
    ['Completed', 'off'],
    ['Succeeded', 'off'],
    ['CrashLoopBackOff', 'bad'],
    ['Init:CrashLoopBackOff', 'bad'],
    ['ImagePullBackOff', 'bad'],
    ['ErrImagePull', 'bad'],
    ['OOMKilled', 'bad'],
    ['NotReady', 'bad'],
    ['NotReady,SchedulingDisabled', 'bad'],
    ['Ready,SchedulingDisabled', 'warn'],
  ])('%s is %s', (status, tone) => expect(toneOf(status)).toBe(tone))
})

describe('formatAge', () => {
  it.each([
    [5, '5s'],
    [119, '119s'],
    [125, '2m5s'],
    [600, '10m'],
    [3 * 3600, '3h'],
    [5 * 3600 + 60 * 7, '5h7m'],
    [30 * 3600, '30h'],
    [3 * 86_400 + 3600, '3d1h'],
    [20 * 86_400, '20d'],
    [800 * 86_400, '2y70d'],
    [-3, '0s'],
  ])('writes %s s as %s', (seconds, text) => expect(formatAge(seconds * 1000)).toBe(text))
})

describe('fuzzyScore', () => {
  it('prefers exact names, then starts of words, then scattered letters', () => {
    const ranked = ['my-website', 'web', 'a-web-b', 'w-e-b-x', 'api']
      .map((text) => ({ text, score: fuzzyScore('web', text) }))
      .filter(({ score }) => score !== undefined)
      .sort((a, b) => b.score! - a.score!)
      .map(({ text }) => text)
    expect(ranked).toEqual(['web', 'a-web-b', 'my-website', 'w-e-b-x'])
  })
})
