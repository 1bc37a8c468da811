/** The key of who speaks by hand. */
export interface TalkKey {
  down: () => void;
  up: () => void;
  lose: () => void;
  toggle: () => void;
}
