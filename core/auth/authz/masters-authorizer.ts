import type { Authorizer } from './authorizer.ts'

/** The group that may do everything, whatever the roles say. */
export const mastersGroup = 'system:masters'

/** Allows members of system:masters everything and says nothing about others (upstream: authorizerfactory privileged groups). */
export const mastersAuthorizer: Authorizer = {
  authorize: ({ user }) => ({ allowed: user.groups.includes(mastersGroup) }),
}
