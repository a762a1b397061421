import { createCsrfMiddleware, createStart } from '@tanstack/react-start'
import { session } from './session'

export const startInstance = createStart(() => ({
  // Who names middleware has to name that against forms of other sites, too.
  requestMiddleware: [
    createCsrfMiddleware({ filter: ({ handlerType }) => handlerType === 'serverFn' }),
    session,
  ],
}))
