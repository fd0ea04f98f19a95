"""Addresses of the REST API, below /api/v1/."""

from django.urls import path
from drf_spectacular.renderers import (
    OpenApiJsonRenderer,
    OpenApiJsonRenderer2,
    OpenApiYamlRenderer,
    OpenApiYamlRenderer2,
)
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from archive.api.urls import archive_urls
from restoration.api.errors import ErrorCodes
from restoration.api.files import (
    RestorationHand,
    RestorationLayer,
    RestorationRendition,
    RestorationResult,
)
from restoration.api.live import CollectionProgress, RestorationProgress
from restoration.api.model_changes import (
    ModelComparison,
    ModelPromotionView,
    ModelSample,
    ModelSampleResult,
    ModelSamples,
)
from restoration.api.models import ModelDetail, ModelList
from restoration.api.photos import CollectionPhotos, PhotoDetail, Photos
from restoration.api.progress import (
    CollectionBatch,
    CollectionCancel,
    CollectionPause,
    CollectionResume,
    CollectionRetry,
    PhotosRestoring,
)
from restoration.api.restorations import (
    CollectionRestorations,
    PhotoRestorations,
    RestorationCancel,
    RestorationDetail,
    RestorationRedo,
    RestorationReviews,
    RestorationStrength,
)
from restoration.api.reviews import (
    CollectionReviewFigures,
    CollectionReviewRule,
    ReviewDecisions,
    ReviewNext,
    ReviewReasons,
    ReviewReservations,
    ReviewUndo,
)
from restoration.api.samples import SampleCollection
from restoration.api.training_runs import TrainingRunDetail, TrainingRunList, TrainingRunSheet

app_name = "api"
urlpatterns = [
    *archive_urls,
    path("collections/sample/", SampleCollection.as_view(), name="collection-sample"),
    path("collections/<uuid:collection_id>/photos/", CollectionPhotos.as_view(), name="collection-photos"),
    path(
        "collections/<uuid:collection_id>/restorations/",
        CollectionRestorations.as_view(),
        name="collection-restorations",
    ),
    path("collections/<uuid:collection_id>/restore/", CollectionBatch.as_view(), name="collection-restore"),
    path(
        "collections/<uuid:collection_id>/progress/", CollectionProgress.as_view(), name="collection-progress"
    ),
    path(
        "collections/<uuid:collection_id>/progress/pause/", CollectionPause.as_view(), name="collection-pause"
    ),
    path(
        "collections/<uuid:collection_id>/progress/resume/",
        CollectionResume.as_view(),
        name="collection-resume",
    ),
    path(
        "collections/<uuid:collection_id>/progress/cancel/",
        CollectionCancel.as_view(),
        name="collection-cancel",
    ),
    path(
        "collections/<uuid:collection_id>/progress/retry/", CollectionRetry.as_view(), name="collection-retry"
    ),
    path("photos/", Photos.as_view(), name="photo-list"),
    path("photos/restore/", PhotosRestoring.as_view(), name="photos-restoring"),
    path("photos/<uuid:pk>/", PhotoDetail.as_view(), name="photo-detail"),
    path("photos/<uuid:photo_id>/restorations/", PhotoRestorations.as_view(), name="photo-restorations"),
    path("restorations/<uuid:pk>/", RestorationDetail.as_view(), name="restoration-detail"),
    path("restorations/<uuid:pk>/progress/", RestorationProgress.as_view(), name="restoration-progress"),
    path("restorations/<uuid:pk>/result/", RestorationResult.as_view(), name="restoration-result"),
    path(
        "restorations/<uuid:pk>/renditions/<slug:kind>/",
        RestorationRendition.as_view(),
        name="restoration-rendition",
    ),
    path("restorations/<uuid:pk>/layers/<slug:name>/", RestorationLayer.as_view(), name="restoration-layer"),
    path("restorations/<uuid:pk>/hand/", RestorationHand.as_view(), name="restoration-hand"),
    path("restorations/<uuid:pk>/redo/", RestorationRedo.as_view(), name="restoration-redo"),
    path("restorations/<uuid:pk>/cancel/", RestorationCancel.as_view(), name="restoration-cancel"),
    path("restorations/<uuid:pk>/strength/", RestorationStrength.as_view(), name="restoration-strength"),
    path(
        "restorations/<uuid:restoration_id>/reviews/",
        RestorationReviews.as_view(),
        name="restoration-reviews",
    ),
    path("review/next/", ReviewNext.as_view(), name="review-next"),
    path("review/decisions/", ReviewDecisions.as_view(), name="review-decisions"),
    path("review/undo/", ReviewUndo.as_view(), name="review-undo"),
    path("review/reservations/", ReviewReservations.as_view(), name="review-reservations"),
    path("review/reasons/", ReviewReasons.as_view(), name="review-reasons"),
    path(
        "collections/<uuid:collection_id>/review/figures/",
        CollectionReviewFigures.as_view(),
        name="collection-review-figures",
    ),
    path(
        "collections/<uuid:collection_id>/review/rule/",
        CollectionReviewRule.as_view(),
        name="collection-review-rule",
    ),
    path("models/", ModelList.as_view(), name="model-list"),
    path("models/<uuid:pk>/", ModelDetail.as_view(), name="model-detail"),
    path("models/<uuid:pk>/promotion/", ModelPromotionView.as_view(), name="model-promotion"),
    path("models/<uuid:pk>/comparison/<uuid:other_id>/", ModelComparison.as_view(), name="model-comparison"),
    path("models/<uuid:pk>/samples/", ModelSamples.as_view(), name="model-samples"),
    path("samples/<uuid:pk>/<slug:which>/", ModelSample.as_view(), name="model-sample"),
    path("sample-results/<uuid:pk>/", ModelSampleResult.as_view(), name="model-sample-result"),
    path("training-runs/", TrainingRunList.as_view(), name="training-run-list"),
    path("training-runs/<str:name>/", TrainingRunDetail.as_view(), name="training-run-detail"),
    path(
        "training-runs/<str:name>/sheets/<int:epoch>/",
        TrainingRunSheet.as_view(),
        name="training-run-sheet",
    ),
    path("errors/", ErrorCodes.as_view(), name="errors"),
    # JSON unless YAML is asked for, which takes seconds to write.
    path(
        "schema/",
        SpectacularAPIView.as_view(
            renderer_classes=[
                OpenApiJsonRenderer2,
                OpenApiJsonRenderer,
                OpenApiYamlRenderer,
                OpenApiYamlRenderer2,
            ]
        ),
        name="schema",
    ),
    # Script in a file of its own, template without inline style: our content security policy allows neither.
    path(
        "docs/",
        SpectacularSwaggerSplitView.as_view(url_name="api:schema", template_name="restoration/api_docs.html"),
        name="docs",
    ),
]
