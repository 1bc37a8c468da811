//! A learner changes how they like to practise.

use super::{Accounts, FindError};
use crate::{account::Account, practice::PracticeChange, store};
use ids::LearnerId;
use tracing::instrument;

impl Accounts {
    /// Changes what is named, and answers the account as it is afterwards.
    #[instrument(name = "op.accounts.change_practice", skip_all, fields(learner.id = %learner))]
    pub async fn change_practice(
        &self,
        learner: LearnerId,
        change: PracticeChange,
    ) -> Result<Account, FindError> {
        let mut connection = self.database.acquire().await.map_err(|error| FindError::Store(error.into()))?;
        let changed =
            store::update_practice(&mut connection, learner, change).await.map_err(FindError::Store)?;
        changed.ok_or(FindError::Gone { learner })
    }
}
