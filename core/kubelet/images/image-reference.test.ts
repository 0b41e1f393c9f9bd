import { expect, it } from 'vitest'
import { imageReferenceProblem, isImageReference, withDefaultTag } from './image-reference.ts'

it.each([
  ['nginx', 'nginx:latest'],
  ['nginx:1.27', 'nginx:1.27'],
  ['library/nginx', 'library/nginx:latest'],
  ['localhost:5000/a/b', 'localhost:5000/a/b:latest'],
  ['registry.k8s.io/pause:3.10', 'registry.k8s.io/pause:3.10'],
  [`a@sha256:${'0'.repeat(64)}`, `a@sha256:${'0'.repeat(64)}`],
])('takes %s as %s', (image, full) => {
  expect(isImageReference(image)).toBe(true)
  expect(withDefaultTag(image)).toBe(full)
})

it.each(['', 'Nginx', 'nginx:', 'a b', 'nginx:la test', '/nginx', 'a//b', 'a@sha256:12'])(
  'refuses %s',
  (image) => expect(isImageReference(image)).toBe(false),
)

it.each([
  ['Nginx', 'invalid reference format: repository name (library/Nginx) must be lowercase'],
  ['docker.io/me/Nginx:1', 'invalid reference format: repository name (me/Nginx) must be lowercase'],
  ['a b', 'invalid reference format'],
])('says what is wrong with %s', (image, problem) => {
  expect(imageReferenceProblem(image)).toBe(problem)
})
