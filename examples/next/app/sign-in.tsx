'use client'

import { useActionState } from 'react'
import { signIn } from './actions'

export function SignIn() {
  const [problem, action, isPending] = useActionState(signIn, undefined)
  return (
    <form action={action}>
      <label>
        Name <input name="name" required maxLength={40} />
      </label>{' '}
      <button type="submit" disabled={isPending}>
        Sign in
      </button>
      {problem === undefined ? null : <p role="alert">{problem}</p>}
    </form>
  )
}
