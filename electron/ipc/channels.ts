/** Names of the messages between preload script and main process. */
export const channels = { openExternal: 'desktop:open-external', notify: 'desktop:notify' } as const
