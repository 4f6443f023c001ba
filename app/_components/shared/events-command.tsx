/** Where the settings of every source are to be had, word for word. */
export const EventsCommand = ({ store }: { readonly store: string }) => (
  <>
    <code>npx fado store events {store}</code> prints what to set where.
  </>
)
