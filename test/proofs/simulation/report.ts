import { Found } from './explore.ts'
import { inWords } from './words.ts'

/** The result, or an error that tells step by step what led to a broken promise. */
export async function told<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (!(error instanceof Found)) throw error
    const about = error.about && `in the case ${error.about}, `
    throw new Error(`${about}${error.message}\n${await inWords(error.start, error.choices)}`, {
      cause: error,
    })
  }
}
